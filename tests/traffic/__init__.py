"""Residents and Twilio's side of the wire, for the tests that put load or faults on a running hotline."""
