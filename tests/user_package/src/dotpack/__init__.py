"""Dots: a network, a data set and a trick of a user."""
