"""The provider of who has no keys: it keeps a book of its own, and tells what happens in it by
webhooks that are written and signed as those of Stripe and PayPal are.

    no token                              the payer says yes or no on the sandbox's own page
    tok_visa, tok_mastercard, tok_paypal  succeed
    tok_declined                          is declined, as is everything it does not know
    tok_slow, tok_slow_declined           are processing, and some seconds later they are not
    tok_unavailable                       no answer, and nothing happened
    tok_timeout                           no answer at first, though it succeeded
    tok_duplicate                         succeeds, and says so three times
    tok_out_of_order                      is processing, then charged and given back: told in the
                                          wrong order
"""
