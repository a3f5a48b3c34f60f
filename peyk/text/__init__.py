"""What both environments know about the text customers type; standard library only."""
