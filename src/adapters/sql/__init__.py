"""The durable memory: inbox, charges, sessions and history in SQL, written once for every engine."""
