"""contrib's interleaved products of attention."""

SELF, CROSS = "nd.contrib.interleaved_matmul_selfatt_", "nd.contrib.interleaved_matmul_encdec_"
EXPRESSIONS = [
    SELF + "qk(r(3,2,12),heads=2)",
    SELF + "qk(r(2,1,9),heads=1)",
    SELF + "qk(queries_keys_values=r(2,1,9),heads=3)",
    SELF + "qk(r(2,3,6))",
    SELF + "qk(r(2,6),heads=2)",
    SELF + "valatt(r(3,2,12),r(4,3,3,seed=1),heads=2)",
    SELF + "valatt(r(2,1,9),r(1,2,2,seed=1),heads=1)",
    SELF + "valatt(r(3,2,12),r(4,3,2,seed=1),heads=2)",
    CROSS + "qk(r(3,2,4),r(5,2,8,seed=1),heads=2)",
    CROSS + "qk(r(3,2,4),r(5,2,7,seed=1),heads=2)",
    CROSS + "qk(r(3,2,4),r(5,1,8,seed=1),heads=2)",
    CROSS + "valatt(r(5,2,8),r(4,3,5,seed=1),heads=2)",
    CROSS + "valatt(r(5,2,8),r(4,3,4,seed=1),heads=2)",
    f"grad(lambda x:{SELF}qk(x,heads=2),r(3,2,12))",
    f"grad(lambda x,a:{SELF}valatt(x,a,heads=2),r(3,2,12),r(4,3,3,seed=1))",
    f"grad(lambda q,x:{CROSS}qk(q,x,heads=2),r(3,2,4),r(5,2,8,seed=1))",
    f"grad(lambda x,a:{CROSS}valatt(x,a,heads=2),r(5,2,8),r(4,3,5,seed=1))",
]
