"""What stands between a message and its answer, looked at hop by hop: `chatgpt-dingtalk doctor`."""
