"""What do the pages about closed times show?"""
