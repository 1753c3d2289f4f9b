"""Asking a network: predictions, derivatives, its halves, and checks of what it is given."""
