"""What every layer needs: errors, number formats' names, locations and protocols."""
