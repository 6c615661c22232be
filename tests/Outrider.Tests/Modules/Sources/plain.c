// A shared library, and no module.
int add(int a, int b) { return a + b; }
