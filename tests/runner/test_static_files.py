"""Style and script are kept small for browsers that take them so."""

import gzip

from runner.static_files import compress


def test_a_style_sheet_gets_its_small_twin_made_anew(tmp_path):
    sheet = tmp_path / "efoy.css"
    sheet.write_text(".slot { color: green }\n" * 100)
    compress(tmp_path)
    sheet.write_text(".slot { color: brown }\n" * 100)

    assert compress(tmp_path)

    small = (tmp_path / "efoy.css.gz").read_bytes()
    assert gzip.decompress(small) == sheet.read_bytes()
    assert len(small) < 100
