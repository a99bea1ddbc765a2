"""How each format is drawn, ranked and ended: pure functions, which know neither Django nor people.

An entrant is its seed, from 0: the best is 0. A match that is to be is a `Place`; what fills its
two sides is a seed, or the winner or loser of another place. `places` draws, `single`, `double`,
`round_robin`, `groups` and `swiss` each draw one format, `standings` ranks a table by its stated
tie-breaks and `placements` says who came where when all is over.
"""
