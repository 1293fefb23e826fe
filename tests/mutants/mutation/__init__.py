"""CRDs changed at random, one change each, and what two judges say of them.

Start reading at `mutation.campaign`.
"""
