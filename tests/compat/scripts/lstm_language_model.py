"""A word language model with an LSTM on a small text, as in MXNet's examples: bptt, detached states, clipped norms."""

import math

import numpy as np

import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn

TEXT = "the cat sat on the mat and the dog sat on the log while the cat saw the dog and the dog saw the cat . " * 12


class Corpus:
    def __init__(self, text):
        words = text.split()
        self.word2idx = {word: i for i, word in enumerate(sorted(set(words)))}
        self.data = mx.nd.array([self.word2idx[word] for word in words], dtype="int32")


class RNNModel(gluon.Block):
    """A model with an encoder, recurrent layer, and a decoder."""

    def __init__(self, mode, vocab_size, num_embed, num_hidden, num_layers, dropout=0.0, **kwargs):
        super(RNNModel, self).__init__(**kwargs)
        with self.name_scope():
            self.drop = nn.Dropout(dropout)
            self.encoder = nn.Embedding(vocab_size, num_embed, weight_initializer=mx.init.Uniform(0.1))
            self.rnn = rnn.LSTM(num_hidden, num_layers, dropout=dropout, input_size=num_embed)
            self.decoder = nn.Dense(vocab_size, in_units=num_hidden)
            self.num_hidden = num_hidden

    def forward(self, inputs, hidden):
        emb = self.drop(self.encoder(inputs))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output.reshape((-1, self.num_hidden)))
        return decoded, hidden

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)


def batchify(data, batch_size):
    nbatch = data.shape[0] // batch_size
    data = data[:nbatch * batch_size]
    return data.reshape((batch_size, nbatch)).T


def get_batch(source, i, bptt):
    seq_len = min(bptt, source.shape[0] - 1 - i)
    return source[i:i + seq_len], source[i + 1:i + 1 + seq_len].reshape((-1,))


def detach(hidden):
    if isinstance(hidden, (tuple, list)):
        return [detach(h) for h in hidden]
    return hidden.detach()


mx.random.seed(1)
np.random.seed(1)
corpus = Corpus(TEXT)
batch_size, bptt, clip = 4, 8, 0.25
train_data = batchify(corpus.data, batch_size)
model = RNNModel("lstm", len(corpus.word2idx), 12, 16, 1)
model.collect_params().initialize(mx.init.Xavier(), ctx=mx.cpu())
trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": 2.0, "momentum": 0, "wd": 0})
loss = gluon.loss.SoftmaxCrossEntropyLoss()

for epoch in range(6):
    total, count = 0.0, 0
    hidden = model.begin_state(func=mx.nd.zeros, batch_size=batch_size, ctx=mx.cpu())
    for i in range(0, train_data.shape[0] - 1, bptt):
        data, target = get_batch(train_data, i, bptt)
        hidden = detach(hidden)
        with autograd.record():
            output, hidden = model(data, hidden)
            L = loss(output, target)
        L.backward()
        grads = [p.grad(mx.cpu()) for p in model.collect_params().values()]
        gluon.utils.clip_global_norm(grads, clip * bptt * batch_size)
        trainer.step(bptt * batch_size)
        total += mx.nd.sum(L).asscalar()
        count += L.shape[0]
    print("[Epoch %d] loss %.2f, perplexity %.1f" % (epoch, total / count, math.exp(total / count)))
print(len(corpus.word2idx), train_data.shape, [str(p.shape) for p in model.collect_params().values()])
