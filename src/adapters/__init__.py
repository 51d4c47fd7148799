"""Technology, in our words; each adapter is a stranger to the others."""
