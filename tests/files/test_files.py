"""`tf.io.gfile`, whole files as tensors, files of records; errors and bytes are those of TensorFlow 2.21."""

import pytest

import tenfold as tf

gfile = tf.io.gfile


@pytest.fixture
def path(tmp_path):
    with gfile.GFile(tmp_path / "a.txt", "w") as file:
        file.write("héllo\nb\n\nc")
        assert file.tell() == 11
    return str(tmp_path / "a.txt")


def test_a_file_is_read_whole_by_lines_and_from_any_byte(path):
    assert gfile.GFile(path).read() == "héllo\nb\n\nc"
    assert gfile.GFile(path).readlines() == list(gfile.GFile(path)) == ["héllo\n", "b\n", "\n", "c"]
    assert gfile.GFile(path, "rb").read(3) == b"h\xc3\xa9"
    file = gfile.GFile(path)
    assert file.size() == 11 and file.readline() == "héllo\n" and file.tell() == 7
    file.seek(offset=-2, whence=2)
    assert file.read() == "\nc"


def test_writing_appends_or_begins_anew(path):
    with gfile.GFile(path, "a") as file:
        file.write("x")
    assert gfile.GFile(path).read().endswith("cx")
    with gfile.GFile(path, "wb") as file:
        file.write(b"\x00")
    assert gfile.GFile(path, "rb").read() == b"\x00"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda p: gfile.GFile(p + "no").read(), tf.errors.NotFoundError),
        (lambda p: gfile.GFile(p + "no/x", "w").write("a"), tf.errors.NotFoundError),
        (lambda p: gfile.GFile(p, "q"), tf.errors.InvalidArgumentError),
        (lambda p: gfile.GFile(p).write("a"), tf.errors.PermissionDeniedError),
        (lambda p: gfile.GFile(p, "w").read(), tf.errors.PermissionDeniedError),
        (lambda p: gfile.listdir(p + "no"), tf.errors.NotFoundError),
        (lambda p: gfile.mkdir(p + "no/x"), tf.errors.NotFoundError),
        (lambda p: gfile.remove(p + "no"), tf.errors.NotFoundError),
        (lambda p: gfile.remove(gfile.join(p, "..")), tf.errors.FailedPreconditionError),
        (lambda p: gfile.rmtree(p + "no"), tf.errors.NotFoundError),
        (lambda p: gfile.copy(p, p), tf.errors.AlreadyExistsError),
        (lambda p: gfile.rename(p + "no", p + "b"), tf.errors.NotFoundError),
        (lambda p: gfile.stat(p + "no"), tf.errors.NotFoundError),
        (lambda p: tf.io.read_file(p + "no"), tf.errors.NotFoundError),
        (lambda p: tf.io.read_file([p]), tf.errors.InvalidArgumentError),
        (lambda p: tf.io.TFRecordWriter(p + "no/x"), tf.errors.NotFoundError),
        (lambda p: tf.io.TFRecordWriter(p, "LZ4"), ValueError),
        (lambda p: next(tf.compat.v1.io.tf_record_iterator(p + "no")), tf.errors.NotFoundError),
        (lambda p: next(tf.compat.v1.io.tf_record_iterator(p)), tf.errors.DataLossError),
    ],
)
def test_errors_are_of_tensorflow_s_classes(path, wrong, error):
    with pytest.raises(error):
        wrong(path)


def test_folders_are_made_walked_and_removed(tmp_path, path):
    folder = tmp_path / "x" / "y"
    gfile.makedirs(folder)
    gfile.makedirs(folder)
    gfile.mkdir(tmp_path / "x")
    gfile.copy(path, folder / "b.txt")
    gfile.rename(folder / "b.txt", folder / "c.txt")
    assert gfile.exists(folder / "c.txt") and gfile.isdir(folder) and not gfile.isdir(path)
    assert sorted(gfile.listdir(tmp_path)) == ["a.txt", "x"]
    assert gfile.glob([path, str(tmp_path / "x" / "*" / "c.*")]) == [path, str(folder / "c.txt")]
    assert [names for _, _, names in gfile.walk(tmp_path)] == [["a.txt"], [], ["c.txt"]]
    assert gfile.stat(path).length == 11 and gfile.stat(tmp_path).is_directory
    gfile.rmtree(tmp_path / "x")
    assert not gfile.exists(folder)


def test_functions_read_and_write_files_whenever_they_run(tmp_path):
    @tf.function
    def copied(source, target):
        text = tf.io.read_file(source)
        tf.io.write_file(target, tf.strings.upper(text))
        return tf.strings.length(text)

    source, target = str(tmp_path / "a"), str(tmp_path / "new" / "b")
    for text in ("one", "three"):
        tf.io.write_file(source, text)
        assert copied(tf.constant(source), tf.constant(target)).numpy() == len(text)
        assert tf.io.read_file(target).numpy() == text.upper().encode()
    assert tf.io.matching_files(str(tmp_path / "*")).numpy().tolist() == [
        source.encode(),
        str(tmp_path / "new").encode(),
    ]


def test_functions_that_read_files_run_from_saved_models_that_may(tmp_path):
    module = tf.Module()
    module.read = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    tf.saved_model.save(module, tmp_path / "saved")
    tf.io.write_file(str(tmp_path / "a"), "hello")
    allowed = tf.saved_model.LoadOptions(allowed_ops=["ReadFile"])
    loaded = tf.saved_model.load(tmp_path / "saved", options=allowed)
    assert loaded.read(tf.constant(str(tmp_path / "a"))).numpy() == b"hello"


OF_TENSORFLOW = "0300000000000000b099490e6f6e6501405508000000000000000029039807d8ea82a2"
RECORDS = [b"one", b"", bytes(range(256)) * 5000]


@pytest.mark.parametrize("options", [None, "GZIP", "ZLIB", tf.io.TFRecordOptions("GZIP", compression_level=1)])
def test_records_come_back(tmp_path, options):
    with tf.io.TFRecordWriter(tmp_path / "r", options) as writer:
        for record in RECORDS:
            writer.write(record)
        writer.flush()
    assert list(tf.compat.v1.io.tf_record_iterator(tmp_path / "r", options)) == RECORDS


def test_records_are_the_bytes_that_tensorflow_writes(tmp_path):
    with tf.io.TFRecordWriter(tmp_path / "r") as writer:
        writer.write("one")
        writer.write(b"")
    assert (tmp_path / "r").read_bytes().hex() == OF_TENSORFLOW


@pytest.mark.parametrize("options", [None, "GZIP"])
def test_files_that_are_damaged_or_cut_off_are_told(tmp_path, options):
    with tf.io.TFRecordWriter(tmp_path / "r", options) as writer:
        writer.write(b"a record of some length")
    whole = (tmp_path / "r").read_bytes()
    for place in range(10 if options else 0, len(whole) - 9 * bool(options)):
        (tmp_path / "damaged").write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(tf.errors.DataLossError):
            list(tf.compat.v1.io.tf_record_iterator(tmp_path / "damaged", options))
    for end in range(1, len(whole)) if options is None else ():
        (tmp_path / "short").write_bytes(whole[:end])
        with pytest.raises(tf.errors.DataLossError):
            list(tf.compat.v1.io.tf_record_iterator(tmp_path / "short"))
