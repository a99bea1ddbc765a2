"""Replaces a provider without keys. It keeps charges in tables of its own, and sends webhooks.

no token                              the payer approves or declines on the sandbox's page
tok_visa, tok_mastercard, tok_paypal  succeed
tok_declined, and unknown tokens      are declined
tok_slow, tok_slow_declined           stay processing for five seconds
tok_unavailable                       no response, and no charge
tok_timeout                           no response to the first request, but a charge
tok_duplicate                         succeeds, and sends its webhook three times
tok_out_of_order                      processing, then charged and refunded: the webhook of the
                                      refund is sent first
"""
