"""How does each kind of object of Stripe come to be, and change?"""
