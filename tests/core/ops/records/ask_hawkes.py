"""contrib.hawkesll: likelihoods, states, gradients, shapes that do not fit."""

CALL = "nd.contrib.hawkesll("
TIMES = (
    "r(3,4,low=.1,high=1,seed=4),nd.array([[0,1,0,2],[2,2,1,0],[0,0,0,0]],dtype='int32'),nd.array([4,2,0]),"
    "nd.array([5,4,3])"
)
PROCESS = "r(3,3,low=.5,high=2),r(3,low=.1,high=.9,seed=1),r(3,low=.5,high=2,seed=2),r(3,3,low=0,high=1,seed=3)"
EXPRESSIONS = [
    f"{CALL}{PROCESS},{TIMES})",
    f"{CALL}r(1,1,low=1,high=2),nd.array([.3]),nd.array([1]),nd.zeros((1,1)),nd.array([[1,2,3]]),"
    "nd.zeros((1,3),dtype='int32'),nd.array([3]),nd.array([10]))",
    f"grad(lambda *a:{CALL}*a,{TIMES}),{PROCESS})",
    f"{CALL}{PROCESS},r(3,2),nd.zeros((3,2),dtype='int32'),nd.array([2,2]),nd.array([5,4,3]))",
    f"{CALL}r(3,3),r(2),r(3),r(3,3),{TIMES})",
]
