"""What does the front desk look at?"""
