from tests.golden.case import case


def placed(device, soft):
    """Where an op runs inside `tf.device`."""

    def run(tf):
        tf.config.set_soft_device_placement(soft)
        try:
            with tf.device(device(tf) if callable(device) else device):
                return (tf.constant([1.0]) + 1).device
        finally:
            tf.config.set_soft_device_placement(True)

    return case(run, name=f"tf.device({device!r}), soft placement {soft}")


def scopes(tf):
    names = []
    with tf.name_scope("a") as scope:
        names.append(scope)
        with tf.name_scope("b") as inner:
            names += [inner, tf.Variable(1.0, name="v").name]
            with tf.name_scope("c/") as absolute:
                names += [absolute, tf.Variable(1.0, name="w").name]
            with tf.name_scope("") as root:
                names += [root, tf.Variable(1.0).name]
        with tf.name_scope("b") as again:
            names.append(again)
    twice = tf.name_scope("q")
    for _ in range(2):
        with twice as scope:
            names += [scope, twice.name, tf.Variable(1.0).name]
    return names


def dependencies(tf):
    called = []
    with tf.control_dependencies([tf.constant(1), lambda: called.append(1)]) as entered:
        pass
    with tf.control_dependencies(None):
        pass
    return [entered, len(called)]


def init(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        with tf.init_scope():
            y = x * x
        z = y + x
    return tape.gradient(z, x)


STRINGS = [
    "/CPU:0",
    "cpu",
    "/device:CPU:0",
    "CPU:1",
    "/GPU:0",
    "GPU:1",
    "/gpu:0",
    "/device:GPU:0",
    "TPU:0",
    "foo",
    "XLA_CPU:0",
]
STRINGS += [
    "/job:worker/task:0",
    "/job:localhost/replica:0/task:0/device:CPU:0",
    "/job:localhost",
    "",
    None,
    3,
    "/device:CPU:*",
]
SPEC = "tf.DeviceSpec"

CASES = [
    *(placed(s, soft) for s in STRINGS for soft in (True, False)),
    placed(lambda tf: tf.DeviceSpec(device_type="CPU", device_index=0), False),
    placed(lambda tf: tf.config.list_logical_devices("CPU")[0], False),
    case("tf.device(lambda op: '/CPU:0')"),
    *(
        case(f"repr({SPEC}{code})")
        for code in (
            "()",
            "('worker', 1, 2, 'GPU', 3)",
            "(job='worker', task=0).to_string()",
            "(device_type='cpu').to_string()",
            "(device_type='gpu', device_index=0).to_string()",
            "(task='3').to_string()",
            "(device_index='x')",
            ".from_string('/job:worker/replica:0/task:1/device:CPU:0')",
            ".from_string('/cpu:0').to_string()",
            ".from_string('/gpu:1').device_index",
            ".from_string('CPU:0').to_string()",
            ".from_string('').to_string()",
            ".from_string('/device:CPU:*').to_string()",
            ".from_string('/job:a/job:b')",
            ".from_string('foo')",
            ".from_string('/foo:1')",
            ".from_string('/cpu:0/gpu:0')",
            ".from_string('/task:a')",
            "('w').replace(task=3).to_string()",
            "('w').make_merged_spec(tf.DeviceSpec(device_type='GPU')).to_string()",
            "('w').parse_from_string('/job:x').to_string()",
            "('w') == tf.DeviceSpec('w'), hash(tf.DeviceSpec('w')) == hash(tf.DeviceSpec('w'))",
            "('w').job",
            "('w').foo",
        )
    ),
    case("setattr(tf.DeviceSpec('w'), 'job', 'x')"),
    case(scopes),
    case(dependencies),
    case(init),
    *(case(f"tf.name_scope({x})") for x in ("None", "3")),
    case("tf.control_dependencies(3)"),
    case("tf.executing_eagerly()"),
    case("tf.no_op()"),
    case("tf.group(), tf.group(tf.constant(1), 2), tf.group(1, name='n')"),
    case("tf.tuple([tf.constant(1), tf.constant(2)])"),
    case("tf.timestamp().dtype, tf.timestamp().shape"),
    case("tf.get_logger().name"),
    case("tf.version.VERSION, tf.__version__, tf.version.GRAPH_DEF_VERSION"),
    case("tf.version.GRAPH_DEF_VERSION_MIN_CONSUMER, tf.version.GRAPH_DEF_VERSION_MIN_PRODUCER"),
    case("dict(tf.sysconfig.get_build_info())"),
    *(
        case(f"repr(tf.config.{code})")
        for code in (
            "list_physical_devices()",
            "list_physical_devices('CPU')",
            "list_physical_devices('GPU')",
            "list_physical_devices('cpu')",
            "list_physical_devices(device_type='TPU')",
            "get_visible_devices()",
            "get_visible_devices('GPU')",
            "list_logical_devices()",
            "list_logical_devices('GPU')",
            "PhysicalDevice('a', 'b')",
            "LogicalDevice('a', 'b')",
            "LogicalDeviceConfiguration(memory_limit=10)",
            "experimental.VirtualDeviceConfiguration(10)",
            "experimental.list_physical_devices('GPU')",
            "get_logical_device_configuration(tf.config.list_physical_devices()[0])",
            "get_logical_device_configuration('CPU')",
            "get_logical_device_configuration(tf.config.PhysicalDevice('/physical_device:GPU:0', 'GPU'))",
            "set_logical_device_configuration(tf.config.PhysicalDevice('/physical_device:GPU:0', 'GPU'), [])",
            "set_logical_device_configuration(tf.config.list_physical_devices()[0], [tf.config.LogicalDeviceConfiguration(10)])",
            "set_visible_devices([], 'GPU')",
            "set_visible_devices(tf.config.list_physical_devices('CPU'), 'CPU')",
            "set_visible_devices(tf.config.list_physical_devices('CPU')[0])",
            "set_visible_devices(tf.config.list_physical_devices('CPU'), 'GPU')",
            "set_visible_devices('CPU')",
            "experimental.get_memory_growth(tf.config.list_physical_devices()[0])",
            "experimental.set_memory_growth(tf.config.list_physical_devices()[0], True)",
            "experimental.set_memory_growth(tf.config.PhysicalDevice('/physical_device:GPU:0', 'GPU'), True)",
            "experimental.set_memory_growth('GPU:0', True)",
            "experimental.get_memory_info('CPU:0')",
            "experimental.get_memory_info('GPU:0')",
            "experimental.get_memory_info('foo')",
            "experimental.get_memory_info('CPU')",
            "experimental.get_memory_usage('CPU:0')",
            "experimental.reset_memory_stats('CPU:0')",
            "experimental.get_device_details(tf.config.list_physical_devices()[0])",
            "experimental.get_device_details('CPU:0')",
            "get_soft_device_placement()",
            "functions_run_eagerly()",
            "experimental_functions_run_eagerly()",
            "threading.get_intra_op_parallelism_threads()",
            "threading.get_inter_op_parallelism_threads()",
            "optimizer.get_jit()",
            "optimizer.get_experimental_options()",
            "experimental.get_device_policy()",
            "experimental.set_device_policy('bad')",
            "experimental.get_synchronous_execution()",
            "experimental.tensor_float_32_execution_enabled()",
            "experimental.enable_mlir_bridge()",
            "experimental.disable_mlir_bridge()",
        )
    ),
    case("tf.debugging.get_log_device_placement()"),
]
