// RUN: tt-opt %s -p canonicalize | filecheck %s

// A dimension of extent 1 more or less is a reshape.

func.func @chain(%x : tensor<2x1x4xf32>) -> (tensor<2x1x4xf32>, tensor<8xf32>, tensor<2x4x1xf32>) {
  %a = "ttir.squeeze"(%x) <{dim = 1 : si32}> : (tensor<2x1x4xf32>) -> tensor<2x4xf32>
  %b = "ttir.unsqueeze"(%a) <{dim = -2 : si32}> : (tensor<2x4xf32>) -> tensor<2x1x4xf32>
  %c = "ttir.reshape"(%a) <{shape = [8 : i32]}> : (tensor<2x4xf32>) -> tensor<8xf32>
  %d = "ttir.unsqueeze"(%a) <{dim = 2 : si32}> : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
  func.return %b, %c, %d : tensor<2x1x4xf32>, tensor<8xf32>, tensor<2x4x1xf32>
}
// CHECK-LABEL: func.func @chain(%x: tensor<2x1x4xf32>) -> (tensor<2x1x4xf32>, tensor<8xf32>, tensor<2x4x1xf32>) {
// CHECK-NEXT:    %c = "ttir.reshape"(%x) <{shape = [8 : i32]}> : (tensor<2x1x4xf32>) -> tensor<8xf32>
// CHECK-NEXT:    %d = "ttir.reshape"(%x) <{shape = [2 : i32, 4 : i32, 1 : i32]}> : (tensor<2x1x4xf32>) -> tensor<2x4x1xf32>
// CHECK-NEXT:    func.return %x, %c, %d : tensor<2x1x4xf32>, tensor<8xf32>, tensor<2x4x1xf32>
// CHECK-NEXT:  }

// Not where an extent is unknown, as the shape of a reshape must be known.
func.func @dynamic(%x : tensor<?x1xf32>) -> (tensor<?xf32>) {
  %a = "ttir.squeeze"(%x) <{dim = 1 : si32}> : (tensor<?x1xf32>) -> tensor<?xf32>
  func.return %a : tensor<?xf32>
}
// CHECK-LABEL: func.func @dynamic(%x: tensor<?x1xf32>) -> tensor<?xf32> {
// CHECK-NEXT:    %a = "ttir.squeeze"(%x) <{dim = 1 : si32}> : (tensor<?x1xf32>) -> tensor<?xf32>
// CHECK-NEXT:    func.return %a : tensor<?xf32>
// CHECK-NEXT:  }
