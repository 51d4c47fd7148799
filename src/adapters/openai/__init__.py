"""Language models that speak OpenAI's chat protocol: OpenAI, Azure OpenAI, and servers like them."""
