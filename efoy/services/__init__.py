"""What happens to the clinic: one public function for each story."""
