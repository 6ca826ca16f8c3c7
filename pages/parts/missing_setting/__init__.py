"""A report's figures and a budget: which setting is another than we read?"""
