// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// exp(x) / sum(exp(x)).

func.func @softmax(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %b = "ttir.broadcast"(%s) <{broadcast_dimensions = array<i64: 1, 8>}> : (tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.div"(%e, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @softmax(
// CHECK-NEXT:    %d = "ttir.softmax"(%x) <{dimension = 1 : si32, numericStable = false}>
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// The sum loses its dimension and gets it back; here the softmax is along the first one.
func.func @rows(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [0 : i32], keep_dim = false}> : (tensor<4x8xf32>) -> tensor<8xf32>
  %b = "ttir.reshape"(%s) <{shape = [1 : i32, 8 : i32]}> : (tensor<8xf32>) -> tensor<1x8xf32>
  %d = "ttir.div"(%e, %b) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @rows(
// CHECK-NEXT:    %d = "ttir.softmax"(%x) <{dimension = 0 : si32, numericStable = false}>
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// Less the largest element it is the same function; products with a reciprocal too.
func.func @stable(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %m = "ttir.max"(%x) <{dim_arg = [-1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %y = "ttir.subtract"(%x, %m) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %e = "ttir.exp"(%y) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %r = "ttir.reciprocal"(%s) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %d = "ttir.multiply"(%e, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @stable(
// CHECK-NEXT:    %d = "ttir.softmax"(%x) <{dimension = 1 : si32, numericStable = true}>
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// The largest element along another dimension does not vanish.
func.func @other_maximum(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %m = "ttir.max"(%x) <{dim_arg = [0 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<1x8xf32>
  %y = "ttir.subtract"(%x, %m) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.exp"(%y) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %d = "ttir.div"(%e, %s) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @other_maximum(
// CHECK-NEXT:    %m = "ttir.max"(%x)
// CHECK-NEXT:    %y = "ttir.subtract"(%x, %m)
// CHECK-NEXT:    %d = "ttir.softmax"(%y) <{dimension = 1 : si32, numericStable = false}>
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// The sums of the rows divide the columns.
func.func @broadcast_along_wrong_dimension(%x : tensor<4x4xf32>) -> tensor<4x4xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<4x4xf32>) -> tensor<4xf32>
  %d = "ttir.div"(%e, %s) : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  func.return %d : tensor<4x4xf32>
}
// CHECK-LABEL: func.func @broadcast_along_wrong_dimension(
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %s = "ttir.sum"(%e)
// CHECK-NEXT:    %d = "ttir.div"(%e, %s)
// CHECK-NEXT:    func.return %d : tensor<4x4xf32>

func.func @two_dimensions(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [0 : i32, 1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<1x1xf32>
  %d = "ttir.div"(%e, %s) : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @two_dimensions(
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %s = "ttir.sum"(%e)
// CHECK-NEXT:    %d = "ttir.div"(%e, %s)
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

func.func @sum_of_another_value(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %f = "ttir.exp"(%y) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%f) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %d = "ttir.div"(%e, %s) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @sum_of_another_value(
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %f = "ttir.exp"(%y)
// CHECK-NEXT:    %s = "ttir.sum"(%f)
// CHECK-NEXT:    %d = "ttir.div"(%e, %s)
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// The exponentials are needed anyway.
func.func @other_users(%x : tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%e) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %d = "ttir.div"(%e, %s) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %d, %e : tensor<4x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @other_users(
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %s = "ttir.sum"(%e)
// CHECK-NEXT:    %d = "ttir.div"(%e, %s)
// CHECK-NEXT:    func.return %d, %e : tensor<4x8xf32>, tensor<4x8xf32>
