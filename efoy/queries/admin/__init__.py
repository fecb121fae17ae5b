"""What do the front desk and the clinic admin see?"""
