input * 2 + 2;
