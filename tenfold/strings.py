"""The public namespace `tf.strings`."""

from tenfold.ops.strings.as_string import as_string as as_string
from tenfold.ops.strings.case import lower as lower
from tenfold.ops.strings.case import strip as strip
from tenfold.ops.strings.case import upper as upper
from tenfold.ops.strings.characters import unicode_decode as unicode_decode
from tenfold.ops.strings.characters import unicode_decode_with_offsets as unicode_decode_with_offsets
from tenfold.ops.strings.characters import unicode_encode as unicode_encode
from tenfold.ops.strings.characters import unicode_split as unicode_split
from tenfold.ops.strings.characters import unicode_split_with_offsets as unicode_split_with_offsets
from tenfold.ops.strings.format import format as format
from tenfold.ops.strings.hash_bucket import to_hash_bucket as to_hash_bucket
from tenfold.ops.strings.hash_bucket import to_hash_bucket_fast as to_hash_bucket_fast
from tenfold.ops.strings.hash_bucket import to_hash_bucket_strong as to_hash_bucket_strong
from tenfold.ops.strings.join import join as join
from tenfold.ops.strings.join import reduce_join as reduce_join
from tenfold.ops.strings.join import unsorted_segment_join as unsorted_segment_join
from tenfold.ops.strings.ngrams import ngrams as ngrams
from tenfold.ops.strings.part import length as length
from tenfold.ops.strings.part import substr as substr
from tenfold.ops.strings.regex import regex_full_match as regex_full_match
from tenfold.ops.strings.regex import regex_replace as regex_replace
from tenfold.ops.strings.script import unicode_script as unicode_script
from tenfold.ops.strings.split import bytes_split as bytes_split
from tenfold.ops.strings.split import split as split
from tenfold.ops.strings.to_number import to_number as to_number
from tenfold.ops.strings.unicode import unicode_transcode as unicode_transcode
