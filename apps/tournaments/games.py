"""The titles that are played. As this list is the bound of the `game_title` label, it is closed."""

TITLES = (
    "Counter-Strike 2",
    "Dota 2",
    "EA Sports FC",
    "eFootball",
    "Fortnite",
    "League of Legends",
    "Mobile Legends",
    "PUBG Mobile",
    "Rocket League",
    "Street Fighter 6",
    "Tekken 8",
    "VALORANT",
)
CURRENCIES = ("BDT", "EUR", "GBP", "USD")
MAX_ENTRANTS = 1024
