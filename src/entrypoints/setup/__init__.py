"""A first configuration, asked for answer by answer: `chatgpt-dingtalk setup`."""
