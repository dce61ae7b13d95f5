"""The figures that this program promises, measured on the machine at hand; ``s2f bench`` prints them."""
