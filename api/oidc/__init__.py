"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, as a relying party.

journey    what one browser takes along on its way to the provider and back
provider   the provider's addresses and keys, and the exchange of a code
keys       the provider's keys that can be used here
id_token   whether a token is the provider's, for us, for this journey, and of now
guesses    codes that were wrong, by the address they came from
account    who that is here: login, name, roles and unit out of the claims
"""
