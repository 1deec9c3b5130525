from tenfold.keras import datasets as datasets
