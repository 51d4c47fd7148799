"""The addresses of DingTalk that a robot calls, each as strict as the real one."""
