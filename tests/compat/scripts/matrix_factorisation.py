"""Matrix factorisation with row_sparse gradients and a store of row_sparse tables, as in MXNet's sparse examples."""

import numpy as np

import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn

USERS, ITEMS, FACTORS = 30, 20, 4


class MFBlock(gluon.Block):
    def __init__(self, max_users, max_items, num_emb, **kwargs):
        super(MFBlock, self).__init__(**kwargs)
        with self.name_scope():
            self.user_embeddings = nn.Embedding(max_users, num_emb, sparse_grad=True)
            self.item_embeddings = nn.Embedding(max_items, num_emb, sparse_grad=True)

    def forward(self, users, items):
        a = self.user_embeddings(users)
        b = self.item_embeddings(items)
        return (a * b).sum(axis=1)


mx.random.seed(3)
rng = np.random.RandomState(3)
truth = rng.normal(size=(USERS, FACTORS)).dot(rng.normal(size=(FACTORS, ITEMS)))
users, items = rng.randint(0, USERS, 512), rng.randint(0, ITEMS, 512)
scores = mx.nd.array(truth[users, items])
data = gluon.data.DataLoader(gluon.data.ArrayDataset(mx.nd.array(users), mx.nd.array(items), scores), batch_size=64)

net = MFBlock(USERS, ITEMS, FACTORS)
net.initialize(mx.init.Normal(0.5))
loss_fn = gluon.loss.L2Loss()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
for epoch in range(8):
    total = 0.0
    for user, item, score in data:
        with autograd.record():
            loss = loss_fn(net(user, item), score)
        loss.backward()
        trainer.step(user.shape[0])
        total += loss.sum().asscalar()
    print("epoch %d, loss %.3f" % (epoch, total / len(users)))
grad = net.user_embeddings.weight.grad()
print(grad.stype, grad.shape, grad.indices.shape[0] <= 64)

# the same table in a store: rows are pushed and pulled
kv = mx.kv.create("local")
kv.init("users", net.user_embeddings.weight.data().tostype("row_sparse"))
kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1))
rows = mx.nd.array([2, 5, 7], dtype="int64")
gradient = mx.nd.sparse.row_sparse_array((mx.nd.ones((3, FACTORS)), rows), shape=(USERS, FACTORS))
pulled = mx.nd.sparse.zeros("row_sparse", (USERS, FACTORS))
kv.row_sparse_pull("users", out=pulled, row_ids=rows)
before = pulled.data
kv.push("users", gradient)
kv.row_sparse_pull("users", out=pulled, row_ids=rows)
print(pulled, pulled.indices.asnumpy().tolist(), np.round((before - pulled.data).asnumpy(), 3).tolist()[0])
