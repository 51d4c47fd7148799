"""The predecessor's database: an SQLite file with one table, `chats`, which is read and never written."""
