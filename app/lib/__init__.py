"""The world outside: keys, passphrases, pictures. Nothing here knows a table, a request or a person."""
