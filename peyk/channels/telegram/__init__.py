"""The Telegram channel, and Bale's, which speaks the same Bot API: updates in, messages out.

`updates` reads what arrives, `render` makes messages of what the bot says; both are pure. `api` talks, `pace` keeps to
the limits. Nothing here knows conversations.
"""
