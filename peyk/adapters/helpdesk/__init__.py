"""Help desks outside Peyk that mirror its tickets."""
