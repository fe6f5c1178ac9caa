"""The languages of the hotline: which ones, how to tell them apart, and the catalogs of translations."""
