"""Examples: the features of one row of data, as TFRecord files hold them."""

from tenfold.protos.build import messages

NEEDS = ()
TABLE = """
BytesList  value:bytes*=1
FloatList  value:float*=1
Int64List  value:int64*=1
Feature  kind(bytes_list:BytesList=1 float_list:FloatList=2 int64_list:Int64List=3)
Features  feature:{string:Feature}=1
FeatureList  feature:Feature*=1
FeatureLists  feature_list:{string:FeatureList}=1
Example  features:Features=1
SequenceExample  context:Features=1 feature_lists:FeatureLists=2
"""

__getattr__ = messages("example", TABLE, NEEDS)
