import subprocess
import sys

OPTIONAL = "{'numpy', 'onnxruntime', 'tokenizers'}"


def test_the_embedders_can_be_imported_without_what_the_model_takes() -> None:
    modules = "retinue.knowledge.embedding.local, retinue.knowledge.embedding.endpoint"
    program = f"import sys, {modules}; sys.exit(str({OPTIONAL} & set(sys.modules) or ''))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stderr.strip() == ""
