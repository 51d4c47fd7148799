"""Every state that the inbox's protocol can come to, within bounds, and what must hold in each."""
