"""The public namespace `tf.lookup`: tables from keys to values."""

from tenfold.lookup import experimental as experimental
from tenfold.lookup.initializers import KeyValueTensorInitializer as KeyValueTensorInitializer
from tenfold.lookup.initializers import TextFileIndex as TextFileIndex
from tenfold.lookup.initializers import TextFileInitializer as TextFileInitializer
from tenfold.lookup.static import StaticHashTable as StaticHashTable
from tenfold.lookup.static import StaticVocabularyTable as StaticVocabularyTable
