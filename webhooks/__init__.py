"""What exists because of HTTP and Twilio: signature, form, repeats, TwiML."""
