"""One module for each third party; they speak domain words."""
