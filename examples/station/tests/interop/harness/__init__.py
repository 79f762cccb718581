"""What the scenarios stand on: the station as a process, central systems, and the clock they share."""
