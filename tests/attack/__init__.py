"""What `make attack` tries: the product as somebody meets it who means no good, by tools that know more than we do."""
