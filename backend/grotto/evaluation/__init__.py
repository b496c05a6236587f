"""Results measured against truth: benches, their tables and pages."""

from .bench import Bench, bench_command
from .benches import all_benches
from .document import Block, blocks_in, outside_blocks, write_block
from .markdown import Table, markdown_table, shown_heads, tables_in
from .shell import evaluate_command

__all__ = [
    "Bench",
    "Block",
    "Table",
    "all_benches",
    "bench_command",
    "blocks_in",
    "evaluate_command",
    "markdown_table",
    "outside_blocks",
    "shown_heads",
    "tables_in",
    "write_block",
]
