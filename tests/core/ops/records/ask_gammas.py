"""gamma, gammaln, erfinv."""

EXPRESSIONS = [
    "nd.gamma(nd.array([1,2.5,-.5,30,-2.5,0.1]))",
    "nd.gamma(r(3,4,low=0.2,high=9,dtype='float64'))",
    "nd.gamma(nd.array([1,2,5],dtype='int32'))",
    "nd.gamma(nd.array([1,2.5],dtype='float16'))",
    "str(nd.gamma(nd.array([-1,-2,0,-0.0,40])))",
    "nd.gammaln(nd.array([1,2.5,-.5,40,-2.5,1e-8,100]))",
    "nd.gammaln(r(3,4,low=-4,high=20,dtype='float64'))",
    "str(nd.gammaln(nd.array([0,-1,-3])))",
    "nd.gammaln(nd.array([1,5],dtype='int32'))",
    "nd.erfinv(nd.array([0,.5,-.9,.999]))",
    "nd.erfinv(r(3,4,dtype='float64'))",
    "str(nd.erfinv(nd.array([1,2,-1])))",
    "nd.gamma(3)",
    "nd.erfinv()",
    "grad(nd.gamma,nd.array([0.5,2.5,-.5,1]))",
    "grad(nd.gammaln,nd.array([0.5,2.5,-.5,1]))",
    "grad(nd.gammaln,r(3,4,low=0.3,high=30))",
    "grad(nd.erfinv,r(3,4))",
]
