"""The tables, the rules about them, and the named queries: one module for each word of the product."""
