"""What breaks operators and their servers, and what tells what they did meanwhile.

Start reading at `faultkit.servers`.
"""
